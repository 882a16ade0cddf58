import Databases
import Contracts
import Foundation
import GRDB
import Metadata

/// What a change of keys did.
struct KeyRotation: Sendable, Encodable, Equatable {
    /// The key that seals from now on.
    var keyID: String
    /// Whether it is a new one; otherwise the first of the configured ones was taken.
    var isNew: Bool
    /// How many texts were sealed anew.
    var resealed: Int
    /// Those that no key opens; they were left as they are.
    var unreadable: Int

    enum CodingKeys: String, CodingKey {
        case resealed, unreadable
        case keyID = "key_id"
        case isNew = "new_key"
    }
}

extension SecretDatabase {
    /// Seals everything with a new key, or with the first one that is configured where the key file is not ours to
    /// change.
    ///
    /// A new key first lies in the file beside the old one, then everything is sealed anew in one transaction, and only
    /// then the old one goes: whenever the process dies, what is in the database opens with what is in the file.
    func rotate() async throws -> KeyRotation {
        // Keys change only under the lock of the database, so that two who change them do not lose each other's.
        let rotation = try await writer.write(.onDisk) { [self] db in
            let isNew = try addKey()
            return try reseal(isNew: isNew, db)
        }
        if rotation.isNew { try await writer.write(.onDisk) { [self] _ in try dropFormerKeys() } }
        try await emptyLog()
        return rotation
    }

    /// Writes a new key in front of the others.
    /// - Returns: `false` where the keys are somebody else's to change.
    private func addKey() throws -> Bool {
        guard case .file(let file, _) = keys, file.isReplaceable else { return false }
        let present = try file.read()
        try file.replace(with: SecretKeys(.make(), former: [present.current] + present.former))
        return true
    }

    private func dropFormerKeys() throws {
        guard case .file(let file, _) = keys else { return }
        try file.replace(with: SecretKeys(try file.read().current))
    }

    /// What was sealed before lies in the log until it is written back.
    private func emptyLog() async throws {
        try await writer.writeWithoutTransaction { db in
            do {
                try db.checkpoint(.truncate)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                // Another process reads: the last one to close the database writes the log back.
            }
        }
    }

    private func reseal(isNew: Bool, _ db: Database) throws -> KeyRotation {
        let keys = try keys.keys()
        var rotation = KeyRotation(keyID: keys.current.id, isNew: isNew, resealed: 0, unreadable: 0)
        for table in SealedTable.all {
            let rows = try Row.fetchAll(
                db, sql: "SELECT \(table.name), key_id, sealed FROM \(table.table) WHERE length(sealed) > 0")
            for row in rows where row["key_id"] != keys.current.id {
                let name: String = row[table.name]
                guard
                    let text = try? keys.key(row["key_id"]).open(
                        row["sealed"], as: table.prefix + name, for: .store)
                else {
                    rotation.unreadable += 1
                    continue
                }
                try db.execute(
                    sql: "UPDATE \(table.table) SET key_id = ?, sealed = ? WHERE \(table.name) = ?",
                    arguments: [
                        keys.current.id, try keys.current.seal(text, as: table.prefix + name, for: .store), name,
                    ])
                rotation.resealed += 1
            }
        }
        return rotation
    }
}

/// A table with sealed texts: which column names a row, and what stands before that in the name that it is sealed under.
struct SealedTable: Sendable {
    let table: String
    let name: String
    let prefix: String

    static let all = [
        SealedTable(table: "secrets", name: "name", prefix: "secret/"),
        SealedTable(table: "sign_ins", name: "state_digest", prefix: "sign-in/"),
        SealedTable(table: "tokens", name: "access", prefix: "token/"),
    ]
}
