"""Tests of what is handed to users: the wheel, the sdist, the desktop's files, the licences."""
