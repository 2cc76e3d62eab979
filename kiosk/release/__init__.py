"""How content travels: signed, whole, never backwards. No Qt."""
