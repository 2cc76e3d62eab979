"""Fonts and brand drawings that ship with the program; installed as the package kiosk.assets."""
