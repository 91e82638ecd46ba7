"""The one place that calls Slack's Web API."""
