import Contracts
import Databases
import Foundation
import GRDB

// Tokens, and the lease under which one process renews them.
extension SecretDatabase {
    /// Returns the stored state of the tokens.
    func tokens(_ access: SpotifyAccess) async throws -> TokenRecord {
        let found = try await opened(as: "token/\(access.rawValue)") { db in
            try Row.fetchOne(db, sql: "SELECT * FROM tokens WHERE access = ?", arguments: [access.rawValue])
                .map { (TokenRecord($0), SealedValue($0)) }
        }
        guard case (var record, let text)? = found else { return TokenRecord() }
        switch text {
        case .success(let text): record.tokens = try ContractCoding.decode(GrantedTokens.self, from: text)
        case .failure(let error): record.endedBecause = "the secrets' key \(error)"
        case nil: break
        }
        return record
    }

    /// Replaces the user's tokens with those of a new sign-in. Runs in the transaction of the sign-in.
    func replaceTokens(_ grant: GrantedTokens, scope: String, at now: Timestamp, _ db: Database) throws {
        let sealed = try seal(try ContractCoding.encode(grant), as: "token/\(SpotifyAccess.user.rawValue)", db)
        try db.execute(
            sql: """
                INSERT INTO tokens (access, key_id, sealed, generation, scope, consented_at) VALUES (?, ?, ?, 1, ?, ?)
                ON CONFLICT (access) DO UPDATE SET
                    key_id = excluded.key_id, sealed = excluded.sealed, generation = generation + 1,
                    scope = excluded.scope, consented_at = excluded.consented_at, ended_because = NULL,
                    lease_owner = NULL, lease_until = NULL
                """,
            arguments: [SpotifyAccess.user.rawValue, sealed.keyID, sealed.sealed, scope, now.milliseconds])
    }

    /// Acquires the lease under which the tokens are renewed.
    /// - Returns: `false` when another process holds the lease, or when the tokens have changed.
    func lease(
        _ access: SpotifyAccess, generation: Int64, owner: String, for span: Duration
    ) async throws -> Bool {
        let now = clock()
        // Synced to the disk, so that a full disk is noticed before the refresh token is used up.
        return try await writer.write(.onDisk) { db in
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO tokens (access, key_id, sealed, generation, scope) VALUES (?, '', x'', 0, '')
                    """,
                arguments: [access.rawValue])
            try db.execute(
                sql: """
                    UPDATE tokens SET lease_owner = ?, lease_until = ?
                    WHERE access = ? AND generation = ? AND (lease_until IS NULL OR lease_until <= ?)
                    """,
                arguments: [owner, (now + span).milliseconds, access.rawValue, generation, now.milliseconds])
            return db.changesCount == 1
        }
    }

    /// Stores renewed tokens and releases the lease.
    /// - Returns: `false` when the tokens have changed since; then those stay.
    func renew(_ access: SpotifyAccess, _ tokens: GrantedTokens, generation: Int64) async throws -> Bool {
        try await writer.write(.onDisk) { [self] db in
            let sealed = try seal(try ContractCoding.encode(tokens), as: "token/\(access.rawValue)", db)
            try db.execute(
                sql: """
                    UPDATE tokens SET key_id = ?, sealed = ?, generation = generation + 1, ended_because = NULL,
                        lease_owner = NULL, lease_until = NULL, paused_until = NULL
                    WHERE access = ? AND generation = ?
                    """,
                arguments: [sealed.keyID, sealed.sealed, access.rawValue, generation])
            return db.changesCount == 1
        }
    }

    /// Releases the lease after a failed renewal, and records the consequences.
    ///
    /// - Parameters:
    ///   - ended: The reason why the refresh token is no longer valid.
    ///   - pause: The time before which no requests are made.
    /// - Returns: `false` when the tokens have changed since; then nothing is recorded.
    func release(
        _ access: SpotifyAccess, generation: Int64, owner: String, ended: String? = nil, pause: Timestamp? = nil
    ) async throws -> Bool {
        try await writer.write(.onDisk) { db in
            try db.execute(
                sql: """
                    UPDATE tokens SET ended_because = coalesce(?, ended_because), paused_until = ?,
                        lease_owner = CASE lease_owner WHEN ? THEN NULL ELSE lease_owner END,
                        lease_until = CASE lease_owner WHEN ? THEN NULL ELSE lease_until END
                    WHERE access = ? AND generation = ?
                    """,
                arguments: [ended, pause?.milliseconds, owner, owner, access.rawValue, generation])
            return db.changesCount == 1
        }
    }

    /// Deletes the recorded refusal of the app's credentials, because they may have changed.
    static func forgiveApp(_ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE tokens SET ended_because = NULL, paused_until = NULL
                WHERE access = ? AND ended_because IS NOT NULL
                """,
            arguments: [SpotifyAccess.app.rawValue])
    }

    /// Deletes all tokens. Tokens that another process is renewing now are dropped when they arrive.
    func deleteTokens() async throws {
        try await writer.write(.onDisk) { db in
            try db.execute(
                sql: """
                    UPDATE tokens SET key_id = '', sealed = x'', generation = generation + 1, scope = '',
                        consented_at = NULL, ended_because = NULL, lease_owner = NULL, lease_until = NULL
                    """)
        }
    }
}

extension TokenRecord {
    /// Reads all columns but the sealed tokens.
    fileprivate init(_ row: Row) {
        generation = row["generation"]
        scope = row["scope"]
        consentedAt = (row["consented_at"] as Int64?).map(Timestamp.init(milliseconds:))
        endedBecause = row["ended_because"]
        pausedUntil = (row["paused_until"] as Int64?).map(Timestamp.init(milliseconds:))
    }
}
