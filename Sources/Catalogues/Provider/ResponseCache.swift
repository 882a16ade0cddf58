public import Contracts
import Databases
import Files
import Foundation
import GRDB
public import Logging

/// Responses of catalogues, in a SQLite file that all processes share.
///
/// The cache is bounded in size and age. When the file cannot be read or written, requests are made as if nothing was
/// cached.
public final class ResponseCache: Sendable {
    /// A stored response.
    struct Entry: Sendable, Equatable {
        /// The validator of the provider (`ETag`).
        let etag: String?
        let body: Data
        /// Until this time the response may be used without a request.
        let freshUntil: Timestamp
    }

    /// The bounds of the cache.
    public struct Bounds: Sendable, Equatable {
        public var bytes: Int
        public var age: Duration

        public init(bytes: Int = 64 << 20, age: Duration = .seconds(30 * 86_400)) {
            self.bytes = bytes
            self.age = age
        }

        /// A larger response is not stored, because it would displace too many others.
        var largestBody: Int { bytes / 8 }
    }

    private let database: DatabasePool
    private let bounds: Bounds
    private let clock: @Sendable () -> Timestamp
    private let logger: Logger

    /// The steps of the schema, in order.
    private static let migrations: [Migration] = [.createResponses]

    /// Opens or creates the file. A damaged file is deleted first, because everything in it can be requested again.
    /// Blocks.
    /// - Throws: `DatabaseError`, `NewerDatabase`, `FileError`.
    public init(
        _ path: String, bounds: Bounds = Bounds(), clock: @escaping @Sendable () -> Timestamp = { .now },
        logger: Logger
    ) throws {
        self.bounds = bounds
        self.clock = clock
        self.logger = logger
        do {
            database = try Self.open(path)
        } catch let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) {
            for suffix in ["", "-wal", "-shm"] { try OpenFile.remove(path + suffix) }
            database = try Self.open(path)
        }
    }

    private static func open(_ path: String) throws -> DatabasePool {
        // Lists of users are private.
        try PrivateFile.prepare(path)
        var configuration = Configuration()
        configuration.busyMode = .timeout(2)
        configuration.label = "catalogue-cache"
        return try DatabaseFile.open(path, configuration, DatabaseMigrator(migrations))
    }

    /// Closes the file. Blocks.
    public func close() throws { try database.close() }

    /// Returns the stored response with a key.
    func entry(_ key: String) async -> Entry? {
        let oldest = clock() + (.zero - bounds.age)
        return await ignoringErrors("read") { [database] in
            try await database.read { db in
                try db.readFirst(
                    "SELECT etag, body, fresh_until FROM responses WHERE key = ? AND validated_at > ?",
                    [key, oldest.milliseconds]
                ) { row in
                    Entry(
                        etag: try row.optionalValue("etag"), body: try row.value("body"),
                        freshUntil: Timestamp(milliseconds: try row.value("fresh_until")))
                }
            }
        } ?? nil
    }

    /// Stores a response, and deletes the oldest ones when the cache is full.
    func store(_ entry: Entry, for key: String) async {
        guard entry.body.count <= bounds.largestBody else { return await remove(key) }
        let (now, bounds) = (clock(), bounds)
        await ignoringErrors("write") { [database] in
            try await database.write(.soon) { db in
                try db.execute(
                    sql: """
                        INSERT OR REPLACE INTO responses (key, etag, body, size, validated_at, fresh_until)
                        VALUES (?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        key, entry.etag, entry.body, entry.body.count, now.milliseconds, entry.freshUntil.milliseconds,
                    ])
                try Self.trim(to: bounds, at: now, db)
            }
        }
    }

    /// Records that the provider has confirmed a stored response.
    func confirm(_ key: String, freshUntil: Timestamp) async {
        let now = clock()
        await ignoringErrors("write") { [database] in
            try await database.write(.soon) { db in
                try db.execute(
                    sql: "UPDATE responses SET validated_at = ?, fresh_until = ? WHERE key = ?",
                    arguments: [now.milliseconds, freshUntil.milliseconds, key])
            }
        }
    }

    /// Deletes a response.
    func remove(_ key: String) async {
        await ignoringErrors("write") { [database] in
            try await database.write(.soon) { db in
                try db.execute(sql: "DELETE FROM responses WHERE key = ?", arguments: [key])
            }
        }
    }

    private static func trim(to bounds: Bounds, at now: Timestamp, _ db: Database) throws {
        let oldest = now + (.zero - bounds.age)
        try db.execute(sql: "DELETE FROM responses WHERE validated_at <= ?", arguments: [oldest.milliseconds])
        while let size = try Int.fetchOne(db, sql: "SELECT sum(size) FROM responses"), size > bounds.bytes {
            try db.execute(
                sql: """
                    DELETE FROM responses WHERE key IN (SELECT key FROM responses ORDER BY validated_at, rowid LIMIT 16)
                    """)
        }
    }

    @discardableResult
    private func ignoringErrors<Value>(_ operation: String, _ work: () async throws -> Value) async -> Value? {
        do {
            return try await work()
        } catch {
            logger.debug(
                "the catalogue cache cannot be used",
                metadata: ["operation": .string(operation), "error": .string("\(error)")])
            return nil
        }
    }
}
