"""Scripts for developers: they check the project and write the generated parts of its documents."""
