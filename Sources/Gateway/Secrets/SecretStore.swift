import Contracts
import Foundation
import Logging
import Metadata
import ServiceKit

/// The secrets as they count: what the environment says, else what the database has. Asked anew for every use, so that a
/// change needs no restart.
struct SecretStore: Sendable {
    let database: SecretDatabase
    /// From the environment or files that it names, read when the process began.
    let environment: [SecretName: String]
    let logger: Logger

    init(_ database: SecretDatabase, _ raw: Settings, logger: Logger) throws(SettingsError) {
        var environment: [SecretName: String] = [:]
        for name in SecretName.allCases { environment[name] = try raw.secret(name.rawValue) }
        self.database = database
        self.environment = environment
        self.logger = logger
    }

    /// A secret's value; `nil` when nobody gave one.
    /// - Throws: `SecretKeyError` when it cannot be opened.
    func value(_ name: SecretName) async throws -> String? {
        if let value = environment[name] { return value }
        return try await database.secret(name)?.value.get()
    }

    /// What may be told of every secret.
    func notes() async throws -> [SecretNote] {
        var notes: [SecretNote] = []
        for name in SecretName.allCases {
            notes.append(SecretNote(name, environment: environment[name], stored: try await database.secret(name)))
        }
        return notes
    }

    /// Changes secrets, all or none.
    func change(_ secrets: [SecretName: String?], by client: String) async throws {
        try await database.change(secrets)
        for (name, value) in secrets {
            logger.log(
                event: .secretChanged, "a secret was \(value == nil ? "removed" : "set")",
                metadata: ["name": .string(name.rawValue), "by": .string(client)])
        }
    }

    /// Seals everything anew.
    func rotate(by client: String) async throws -> KeyRotation {
        let rotation = try await database.rotate()
        logger.log(
            event: .secretsRotated, "the secrets were sealed anew",
            metadata: [
                "key_id": .string(rotation.keyID), "resealed": .stringConvertible(rotation.resealed),
                "unreadable": .stringConvertible(rotation.unreadable), "by": .string(client),
            ])
        return rotation
    }
}

/// What may be told of a secret.
struct SecretNote: Encodable, Sendable, Equatable {
    enum Source: String, Encodable, Sendable { case environment, store }

    var name: SecretName
    var present: Bool
    /// Which value counts: the environment's, where there is one.
    var source: Source?
    /// The end of the value, when so little of it tells nothing.
    var lastFour: String?
    /// When the stored value was set.
    var updatedAt: Timestamp?
    /// There is a stored value that does not count.
    var isOverridden: Bool
    /// Why the stored value cannot be used, and what to do.
    var problem: String?

    enum CodingKeys: String, CodingKey {
        case name, present, source, problem
        case lastFour = "last4"
        case updatedAt = "updated_at"
        case isOverridden = "overridden"
    }

    init(_ name: SecretName, environment: String?, stored: StoredSecret?) {
        let value = environment ?? (try? stored?.value.get())
        self.name = name
        present = value != nil
        source = environment != nil ? .environment : stored.map { _ in .store }
        lastFour = value.flatMap { $0.count >= 8 ? String($0.suffix(4)) : nil }
        updatedAt = stored?.updatedAt
        isOverridden = environment != nil && stored != nil
        if case .failure(let error)? = stored?.value { problem = "the key \(error)" }
    }
}
