"""What the bot knows and does; nothing here speaks Slack's framework."""
