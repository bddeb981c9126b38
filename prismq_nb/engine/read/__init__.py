"""Read logs in bounded steps: polls, searches, timelines, exports."""
