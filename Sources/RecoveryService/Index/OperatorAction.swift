/// What an operator does with dead letters. The raw values are stored in the index.
enum OperatorAction: String, Sendable { case requeue, purge }
