"""A small, strict SOQL: it refuses what Salesforce refuses, in Salesforce's words."""
