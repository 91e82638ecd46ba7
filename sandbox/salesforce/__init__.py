"""A strict Salesforce org on this machine: what its APIs and pages refuse, this one refuses."""
