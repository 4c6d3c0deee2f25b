"""How streams are read. A retriever is stateless: what a sync learns is in the run it is handed."""
