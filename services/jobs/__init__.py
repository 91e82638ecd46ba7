"""The one place that speaks to Docket, which runs jobs and timers over Redis."""
