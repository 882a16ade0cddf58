import Foundation
import GRDB

/// A sealed text as a row holds it.
struct SealedValue: Sendable {
    let keyID: String
    let sealed: Data

    init(keyID: String, sealed: Data) {
        self.keyID = keyID
        self.sealed = sealed
    }

    init(_ row: Row) { self.init(keyID: row["key_id"], sealed: row["sealed"]) }
}

extension SecretDatabase {
    /// Seals a text.
    ///
    /// The parameter `db` proves that a write is running. The keys are read under the database's lock, which a rotation
    /// also takes. So nothing is sealed with a key that was removed.
    /// - Throws: `SecretKeyError`.
    func seal(_ text: Data, as name: String, _ db: Database) throws -> SealedValue {
        let key = try keys.keys().current
        return SealedValue(keyID: key.id, sealed: try key.seal(text, as: name, for: .store))
    }

    /// Opens a text. Reads the key file, so it may run only on a queue of the database.
    /// - Throws: `SecretKeyError`.
    func open(_ value: SealedValue, as name: String) throws(SecretKeyError) -> Data {
        try keys.keys().key(value.keyID).open(value.sealed, as: name, for: .store)
    }

    /// Reads a row and opens its sealed text, if it has one.
    ///
    /// - Parameter fetch: Returns the row's other columns and its sealed text; `nil` when there is no row.
    func opened<Head: Sendable>(
        as name: String, _ fetch: @escaping @Sendable (Database) throws -> (Head, SealedValue)?
    ) async throws -> (head: Head, text: Result<Data, SecretKeyError>?)? {
        var unknown: String?
        while true {
            let found = try await writer.read { [self] db in
                try fetch(db).map { head, sealed in
                    (head, sealed.keyID, sealed.sealed.isEmpty ? nil : result(sealed, name))
                }
            }
            guard let (head, keyID, text) = found else { return nil }
            // A rotation may have happened after the row was read and before the file was read. Then read again.
            guard case .failure(.unknownKey)? = text, unknown != keyID else { return (head, text) }
            unknown = keyID
        }
    }

    private func result(_ value: SealedValue, _ name: String) -> Result<Data, SecretKeyError> {
        do throws(SecretKeyError) {
            return .success(try open(value, as: name))
        } catch {
            return .failure(error)
        }
    }
}
