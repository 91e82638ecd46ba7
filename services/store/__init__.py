"""The one place that speaks to Redis or Valkey."""
