"""What settings alone tell: advice before anything went wrong."""
