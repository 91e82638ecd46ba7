"""What a reset would break: judged from an account's own logins, before anything is changed."""
