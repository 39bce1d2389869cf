"""What the neurons respond to, in numbers: measures of filters, and what is made of them."""
