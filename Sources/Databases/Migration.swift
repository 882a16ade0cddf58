public import GRDB

/// One step in the history of a database's schema.
///
/// A step is never edited after a release: a later step changes what an earlier one created. Each step is a static
/// member in a file of its own, `Migration+NNN<Name>.swift`; the owner of the database lists its steps in one place.
public struct Migration: Sendable {
    /// The identifier that is stored in the database. It must never change.
    public let name: String
    /// The change. It runs in a transaction of its own.
    public let run: @Sendable (Database) throws -> Void

    /// Creates a step.
    public init(name: String, run: @escaping @Sendable (Database) throws -> Void) {
        self.name = name
        self.run = run
    }
}

extension DatabaseMigrator {
    /// Creates a migrator with these steps, in this order.
    public init(_ steps: [Migration]) {
        self.init()
        for step in steps { registerMigration(step.name, migrate: step.run) }
    }
}
