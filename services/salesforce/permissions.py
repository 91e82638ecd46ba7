"""Permissions that our reads and resets need, as Salesforce's Setup names them."""

API_ENABLED = "API Enabled"
CUSTOMIZE_APPLICATION = "Customize Application"
MANAGE_USERS = "Manage Users"
RESET_PASSWORDS = "Reset User Passwords and Unlock Users"
VIEW_ALL_USERS = "View All Users"
VIEW_SETUP = "View Setup and Configuration"
