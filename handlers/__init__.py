"""Conversations with people, one module each, and what the bot says in them."""
