"""Watches an account's logins after a reset, until every integration works again."""
