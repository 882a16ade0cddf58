import Contracts
import Foundation
import Logging
import ServiceKit

/// The effective secrets: those of the environment, else those of the database.
///
/// They are read again for each use, so that a change needs no restart.
struct SecretStore: Sendable {
    let database: SecretDatabase
    /// From the environment, or from files that it names. Read when the process started.
    let environment: [SecretName: String]
    let logger: Logger

    init(_ database: SecretDatabase, _ raw: Settings, logger: Logger) throws(SettingsError) {
        var environment: [SecretName: String] = [:]
        for name in SecretName.allCases { environment[name] = try raw.secret(name.rawValue) }
        self.database = database
        self.environment = environment
        self.logger = logger
    }

    /// Returns a secret's value; `nil` when it is not set.
    /// - Throws: `SecretKeyError` when it does not open; `DatabaseError`.
    func value(_ name: SecretName) async throws -> String? {
        if let value = environment[name] { return value }
        return try await database.secret(name)?.value.get()
    }

    /// Returns the public state of every secret.
    func states() async throws -> [SecretState] {
        var states: [SecretState] = []
        for name in SecretName.allCases {
            states.append(SecretState(name, environment: environment[name], stored: try await database.secret(name)))
        }
        return states
    }

    /// Changes all given secrets or none; `nil` removes one.
    /// - Parameter client: The name of the client, for the log.
    func change(_ secrets: [SecretName: String?], by client: String) async throws {
        try await database.change(secrets)
        for (name, value) in secrets {
            logger.log(
                event: .secretChanged, "a secret was \(value == nil ? "removed" : "set")",
                metadata: ["name": .string(name.rawValue), "by": .string(client)])
        }
    }

    /// Seals everything again; see ``SecretDatabase/rotate()``.
    /// - Parameter client: The name of the client, for the log.
    func rotate(by client: String) async throws -> KeyRotation {
        let rotation = try await database.rotate()
        logger.log(
            event: .secretsRotated, "the secrets were sealed again",
            metadata: [
                "key_id": .string(rotation.keyID), "resealed": .stringConvertible(rotation.resealed),
                "unreadable": .stringConvertible(rotation.unreadable), "by": .string(client),
            ])
        return rotation
    }
}

/// The public state of a secret. It does not contain the value.
struct SecretState: Encodable, Sendable, Equatable {
    enum Source: String, Encodable, Sendable { case environment, store }

    var name: SecretName
    var present: Bool
    /// The place of the effective value; the environment takes precedence.
    var source: Source?
    /// The last four characters of a value that has at least eight.
    var lastFour: String?
    /// The time at which the stored value was set.
    var updatedAt: Timestamp?
    /// Whether a stored value exists that the environment overrides.
    var isOverridden: Bool
    /// The reason why the stored value cannot be used, with the remedy.
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
