"""The one place that knows Salesforce: sessions, queries, the two resets, and what goes wrong."""
