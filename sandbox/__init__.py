"""A Slack workspace and a Salesforce org on this machine, to try the bot and to test it against.

It imports nothing of the bot, and the bot imports nothing of it: both speak plain HTTP.
"""
