import Contracts
import Databases
import Foundation
import GRDB

/// The result of a key rotation.
struct KeyRotation: Sendable, Encodable, Equatable {
    /// The id of the key that seals from now on.
    var keyID: String
    /// Whether the key was created; otherwise the first configured key is used.
    var isNew: Bool
    /// The number of texts that were sealed again.
    var resealed: Int
    /// The number of texts that no key opens. They were not changed.
    var unreadable: Int

    enum CodingKeys: String, CodingKey {
        case resealed, unreadable
        case keyID = "key_id"
        case isNew = "new_key"
    }
}

extension SecretDatabase {
    /// Seals everything again: with a new key, or with the first configured key when the key file cannot be replaced.
    ///
    /// The steps are: write the new key to the file in front of the old one, seal everything again in one transaction,
    /// remove the old key from the file. If the process is killed after any step, the keys in the file open everything
    /// in the database.
    func rotate() async throws -> KeyRotation {
        // Keys change only under the database's lock, so that two rotations do not overwrite each other's keys.
        let rotation = try await writer.write(.onDisk) { [self] db in
            let isNew = try addKey()
            return try reseal(isNew: isNew, db)
        }
        if rotation.isNew { try await writer.write(.onDisk) { [self] _ in try dropFormerKeys() } }
        try await truncateLog()
        return rotation
    }

    /// Writes a new key in front of the others.
    /// - Returns: `false` when the keys cannot be changed here.
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

    /// Empties the write-ahead log, which still holds the texts that were sealed with the old key.
    private func truncateLog() async throws {
        try await writer.writeWithoutTransaction { db in
            do {
                try db.checkpoint(.truncate)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                // Another process is reading. The last process that closes the database empties the log.
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
                if try reseal(row, of: table, keys, db) { rotation.resealed += 1 } else { rotation.unreadable += 1 }
            }
        }
        return rotation
    }

    /// - Returns: `false` when no key opens the row.
    private func reseal(_ row: Row, of table: SealedTable, _ keys: SecretKeys, _ db: Database) throws -> Bool {
        let name: String = row[table.name]
        let sealName = table.prefix + name
        guard let text = try? keys.key(row["key_id"]).open(row["sealed"], as: sealName, for: .store) else {
            return false
        }
        try db.execute(
            sql: "UPDATE \(table.table) SET key_id = ?, sealed = ? WHERE \(table.name) = ?",
            arguments: [keys.current.id, try keys.current.seal(text, as: sealName, for: .store), name])
        return true
    }
}

/// A table with sealed texts.
private struct SealedTable: Sendable {
    let table: String
    /// The column that identifies a row.
    let name: String
    /// Precedes the row's name in the name under which its text is sealed.
    let prefix: String

    static let all = [
        SealedTable(table: "secrets", name: "name", prefix: "secret/"),
        SealedTable(table: "sign_ins", name: "state_digest", prefix: "sign-in/"),
        SealedTable(table: "tokens", name: "access", prefix: "token/"),
    ]
}
