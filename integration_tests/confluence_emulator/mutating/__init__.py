"""What people do to a site, by what they do it to; mutations.Mutations has it all."""
