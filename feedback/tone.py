"""The calm composer's ear: words that anger, and the calm ones to offer."""


def check(text):
    return []


def report(text):
    return []
