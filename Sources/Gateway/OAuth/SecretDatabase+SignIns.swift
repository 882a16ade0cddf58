import Databases
import Contracts
import Crypto
import Foundation
import GRDB
import Metadata

// Sign-ins under way. They are kept here and not in memory: the browser may come back to another gateway, or to one that
// was started anew meanwhile.
extension SecretDatabase {
    /// How long a user may take.
    static let signInLifetime = Duration.seconds(600)
    /// How many are kept; the oldest go.
    private static let mostSignIns = 100
    private static let remembered = Duration.seconds(86_400)

    /// Keeps a sign-in that begins.
    /// - Returns: when it ends.
    func begin(_ draft: SignInDraft, state: String) async throws -> Timestamp {
        let now = clock()
        let end = now + Self.signInLifetime
        let digest = Self.digest(state)
        try await writer.write(.onDisk) { [self] db in
            let sealed = try seal(try ContractCoding.encode(draft), as: "sign-in/\(digest)", db)
            try db.execute(
                sql: """
                    INSERT INTO sign_ins (state_digest, key_id, sealed, status, created_at, expires_at)
                    VALUES (?, ?, ?, 'pending', ?, ?)
                    """,
                arguments: [digest, sealed.keyID, sealed.sealed, now.milliseconds, end.milliseconds])
            try db.execute(
                sql: """
                    DELETE FROM sign_ins WHERE created_at < ? OR state_digest NOT IN
                        (SELECT state_digest FROM sign_ins ORDER BY created_at DESC, rowid DESC LIMIT ?)
                    """,
                arguments: [(now + (.zero - Self.remembered)).milliseconds, Self.mostSignIns])
        }
        return end
    }

    /// Takes a sign-in up: the first who asks gets it, once.
    func claim(_ state: String) async throws -> SignInClaim {
        let now = clock()
        let digest = Self.digest(state)
        return try await writer.write(.onDisk) { [self] db in
            let row = try Row.fetchOne(
                db, sql: "SELECT key_id, sealed, status, expires_at FROM sign_ins WHERE state_digest = ?",
                arguments: [digest])
            guard let row else { return .unknown }
            guard row["status"] == "pending" else {
                return .taken(Self.shown(row["status"], isOver: Self.isOver(row, now)))
            }
            guard !Self.isOver(row, now) else { return .expired }
            let draft = try ContractCoding.decode(
                SignInDraft.self, from: open(SealedValue(row), as: "sign-in/\(digest)"))
            // What is used up is not kept.
            try db.execute(
                sql: "UPDATE sign_ins SET status = 'exchanging', sealed = x'' WHERE state_digest = ?",
                arguments: [digest])
            return .mine(draft)
        }
    }

    /// Writes down that a sign-in failed, unless it has come to its end.
    func fail(_ state: String, _ failure: OAuthFailure) async throws {
        let now = clock()
        try await writer.write(.onDisk) { db in
            try db.execute(
                sql: """
                    UPDATE sign_ins SET status = 'failed', sealed = x'', error_code = ?, message = ?, completed_at = ?
                    WHERE state_digest = ? AND status IN ('pending', 'exchanging')
                    """,
                arguments: [failure.code.rawValue, failure.message, now.milliseconds, Self.digest(state)])
        }
    }

    /// Writes down that a sign-in succeeded, together with the tokens that it brought.
    func complete(_ state: String, with grant: GrantedTokens, scope: String) async throws {
        let now = clock()
        try await writer.write(.onDisk) { [self] db in
            try db.execute(
                sql: """
                    UPDATE sign_ins SET status = 'completed', completed_at = ? WHERE state_digest = ?
                    """,
                arguments: [now.milliseconds, Self.digest(state)])
            try begin(grant, scope: scope, at: now, db)
        }
    }

    /// What is known of a sign-in.
    func signIn(_ state: String) async throws -> SignInStatus {
        let now = clock()
        return try await writer.read { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM sign_ins WHERE state_digest = ?", arguments: [Self.digest(state)])
            guard let row else { return SignInStatus(state, .unknown) }
            var status = SignInStatus(state, Self.shown(row["status"], isOver: Self.isOver(row, now)))
            status.errorCode = (row["error_code"] as String?).flatMap(OAuthErrorCode.init)
            status.message = row["message"]
            status.createdAt = Timestamp(milliseconds: row["created_at"])
            status.expiresAt = Timestamp(milliseconds: row["expires_at"])
            status.completedAt = (row["completed_at"] as Int64?).map(Timestamp.init(milliseconds:))
            return status
        }
    }

    private static func isOver(_ row: Row, _ now: Timestamp) -> Bool { row["expires_at"] <= now.milliseconds }

    private static func shown(_ word: String, isOver: Bool) -> SignInStatus.Status {
        SignInStatus.Status(rawValue: word == "exchanging" ? "pending" : word).map { status in
            status == .pending && isOver ? .expired : status
        } ?? .unknown
    }

    /// The file does not hold a `state` that somebody could come back with.
    private static func digest(_ state: String) -> String { SHA256.hash(data: Data(state.utf8)).hexadecimal }
}

// What may be done once, or only so often, over all gateways.
extension SecretDatabase {
    /// Spends a mark; `false` when it was spent before, or when `limit` of its kind are spent within their time.
    func spend(
        _ mark: String, _ kind: String, for lifetime: Duration, limit: Int = .max
    ) async throws -> Bool {
        let now = clock()
        return try await writer.write(.soon) { db in
            try db.execute(sql: "DELETE FROM spent WHERE expires_at <= ?", arguments: [now.milliseconds])
            let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM spent WHERE kind = ?", arguments: [kind]) ?? 0
            guard count < limit else { return false }
            try db.execute(
                sql: "INSERT OR IGNORE INTO spent (mark, kind, expires_at) VALUES (?, ?, ?)",
                arguments: [mark, kind, (now + lifetime).milliseconds])
            return db.changesCount == 1
        }
    }
}
