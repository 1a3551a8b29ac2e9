"""Django's settings in the forms that projects write them."""
