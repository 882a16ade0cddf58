import Contracts
import Crypto
import Databases
import Foundation
import GRDB

// Started sign-ins. They are in the database and not in memory, because the browser may return to another process or
// after a restart.
extension SecretDatabase {
    /// The time that a user has for a sign-in.
    static let signInLifetime = Duration.seconds(600)
    /// The number of sign-ins that are stored. The oldest are deleted first.
    private static let signInLimit = 100
    private static let signInRetention = Duration.seconds(86_400)

    /// Stores a sign-in that starts.
    /// - Returns: The time at which it expires.
    func insert(_ draft: SignInDraft, state: String) async throws -> Timestamp {
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
                arguments: [(now + (.zero - Self.signInRetention)).milliseconds, Self.signInLimit])
        }
        return end
    }

    /// Claims a sign-in. Only the first call for a state claims it.
    func claim(_ state: String) async throws -> SignInClaim {
        let now = clock()
        let digest = Self.digest(state)
        return try await writer.write(.onDisk) { [self] db in
            let row = try Row.fetchOne(
                db, sql: "SELECT key_id, sealed, status, expires_at FROM sign_ins WHERE state_digest = ?",
                arguments: [digest])
            guard let row else { return .unknown }
            guard row["status"] == "pending" else {
                return .alreadyClaimed(Self.publicStatus(row["status"], isExpired: Self.isExpired(row, now)))
            }
            guard !Self.isExpired(row, now) else { return .expired }
            let draft = try ContractCoding.decode(
                SignInDraft.self, from: open(SealedValue(row), as: "sign-in/\(digest)"))
            // The draft is used up, so it is deleted.
            try db.execute(
                sql: "UPDATE sign_ins SET status = 'exchanging', sealed = x'' WHERE state_digest = ?",
                arguments: [digest])
            return .claimed(draft)
        }
    }

    /// Records that a sign-in failed, unless it has ended before.
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

    /// Records that a sign-in succeeded, and stores its tokens in the same transaction.
    func complete(_ state: String, with grant: GrantedTokens, scope: String) async throws {
        let now = clock()
        try await writer.write(.onDisk) { [self] db in
            try db.execute(
                sql: """
                    UPDATE sign_ins SET status = 'completed', completed_at = ? WHERE state_digest = ?
                    """,
                arguments: [now.milliseconds, Self.digest(state)])
            try replaceTokens(grant, scope: scope, at: now, db)
        }
    }

    /// Returns the public state of a sign-in.
    func signIn(_ state: String) async throws -> SignInStatus {
        let now = clock()
        return try await writer.read { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM sign_ins WHERE state_digest = ?", arguments: [Self.digest(state)])
            guard let row else { return SignInStatus(state, .unknown) }
            var status = SignInStatus(
                state, Self.publicStatus(row["status"], isExpired: Self.isExpired(row, now)))
            status.errorCode = (row["error_code"] as String?).flatMap(OAuthErrorCode.init)
            status.message = row["message"]
            status.createdAt = Timestamp(milliseconds: row["created_at"])
            status.expiresAt = Timestamp(milliseconds: row["expires_at"])
            status.completedAt = (row["completed_at"] as Int64?).map(Timestamp.init(milliseconds:))
            return status
        }
    }

    private static func isExpired(_ row: Row, _ now: Timestamp) -> Bool { row["expires_at"] <= now.milliseconds }

    private static func publicStatus(_ stored: String, isExpired: Bool) -> SignInStatus.Status {
        SignInStatus.Status(rawValue: stored == "exchanging" ? "pending" : stored).map { status in
            status == .pending && isExpired ? .expired : status
        } ?? .unknown
    }

    /// The file holds only digests, so that its reader cannot finish a sign-in.
    private static func digest(_ state: String) -> String { Data(SHA256.hash(data: Data(state.utf8))).hexadecimal }
}
