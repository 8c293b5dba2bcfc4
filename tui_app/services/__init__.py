"""What people do: one function a job. Services speak to the store and the rules; screens and commands call them."""
