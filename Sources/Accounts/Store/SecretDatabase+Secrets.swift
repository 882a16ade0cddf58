import Contracts
import Databases
import Foundation
import GRDB

/// A secret as the database has it.
struct StoredSecret: Sendable {
    var updatedAt: Timestamp
    /// The value, or the reason why it does not open.
    var value: Result<String, SecretKeyError>
}

extension SecretDatabase {
    /// Returns the stored secret with a name; `nil` when there is none.
    func secret(_ name: SecretName) async throws -> StoredSecret? {
        let found = try await opened(as: name.sealName) { db in
            try Row.fetchOne(
                db, sql: "SELECT key_id, sealed, updated_at FROM secrets WHERE name = ?", arguments: [name.rawValue]
            ).map { (Timestamp(milliseconds: $0["updated_at"]), SealedValue($0)) }
        }
        guard case (let time, let text?)? = found else { return nil }
        return StoredSecret(updatedAt: time, value: text.map { String(decoding: $0, as: UTF8.self) })
    }

    /// Changes all given secrets or none; `nil` removes one.
    func change(_ secrets: [SecretName: String?]) async throws {
        let now = clock()
        try await writer.write(.onDisk) { [self] db in
            for (name, value) in secrets {
                guard let value else {
                    try db.execute(sql: "DELETE FROM secrets WHERE name = ?", arguments: [name.rawValue])
                    continue
                }
                let sealed = try seal(Data(value.utf8), as: name.sealName, db)
                try db.execute(
                    sql: "INSERT OR REPLACE INTO secrets (name, key_id, sealed, updated_at) VALUES (?, ?, ?, ?)",
                    arguments: [name.rawValue, sealed.keyID, sealed.sealed, now.milliseconds])
            }
            try Self.forgiveApp(db)
        }
    }
}

extension SecretName {
    /// The name under which the value is sealed.
    fileprivate var sealName: String { "secret/\(rawValue)" }
}
