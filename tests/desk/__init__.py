"""Tests of the parts that tie floors together: lanes, dispatch, the desk."""
