import Contracts
import Hummingbird
import Logging
import ServiceKit

/// `/api/v1/peers`: what is known of peers, and banning them.
struct PeerRoutes: Sendable {
    let book: PeerStore
    let logger: Logger

    private static let largestBody = 1 << 16
    private static let longestName = 256

    func add<Context: RequestContext>(to router: Router<Context>) {
        let group = router.group("api/v1/peers")
        group.get { request, _ in try await self.list(request) }
        group.post("ban") { request, _ in try await self.ban(request) }
        group.post("unban") { request, _ in try await self.unban(request) }
    }

    private func list(_ request: Request) async throws -> JSONResponse<PeerPage> {
        let limit = try request.query("limit", default: 50, in: 1...500)
        let offset = try request.query("offset", default: 0, in: 0...1_000_000_000)
        return try await answer {
            let (peers, total) = try await book.page(limit: limit, offset: offset)
            return PeerPage(items: peers.map(PeerItem.init), limit: limit, offset: offset, total: total)
        }
    }

    private func ban(_ request: Request) async throws -> JSONResponse<PeerItem> {
        let body = try await body(request)
        let record = try await answer { try await book.ban(body.user, because: body.reason) }
        logger.log(event: .peerBanned, "a peer was banned", metadata: ["user": .string(record.user)])
        return JSONResponse(PeerItem(record))
    }

    private func unban(_ request: Request) async throws -> JSONResponse<PeerItem> {
        let body = try await body(request)
        let record = try await answer { try await book.unban(body.user) }
        logger.log(event: .peerUnbanned, "a ban was lifted", metadata: ["user": .string(record.user)])
        return JSONResponse(PeerItem(record))
    }

    private func body(_ request: Request) async throws -> PeerRequest {
        let body = try await request.decode(PeerRequest.self, upTo: Self.largestBody)
        guard (1...Self.longestName).contains(body.user.utf8.count) else {
            throw APIError(ContractViolation(path: "/user", problem: "must have 1 to \(Self.longestName) bytes"))
        }
        return body
    }

    /// The database's failure as an answer.
    private func answer<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch {
            logger.log(
                event: .requestFailed, level: .error, "the peers' database failed",
                metadata: [LogKey.error: .string("\(error)".prefix(utf8: 512))])
            throw APIError(.dependencyError, "the database of peers cannot be used; see /ready of the download service")
        }
    }

    private func answer(_ body: () async throws -> PeerPage) async throws -> JSONResponse<PeerPage> {
        let page: PeerPage = try await answer(body)
        return JSONResponse(page)
    }
}

/// The body of a ban and of its end.
struct PeerRequest: Decodable, Sendable {
    var user: String
    var reason: String?
}

/// A page of peers.
struct PeerPage: Encodable, Sendable {
    var items: [PeerItem]
    var limit: Int
    var offset: Int
    var total: Int
}

/// A peer as it is shown: the weights of today, to tenths.
struct PeerItem: Encodable, Sendable {
    let user: String
    let trust: Double
    let successes: Double
    let failures: Double
    let lies: Double
    /// Bytes a second.
    let speed: Int64?
    let banned: Bool
    let bannedAt: Timestamp?
    let banReason: String?

    enum CodingKeys: String, CodingKey {
        case user, trust, successes, failures, lies, speed, banned
        case bannedAt = "banned_at"
        case banReason = "ban_reason"
    }

    init(_ record: PeerRecord) {
        func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
        user = record.user
        trust = (record.trust * 100).rounded() / 100
        successes = tenths(record.successes)
        failures = tenths(record.failures)
        lies = tenths(record.lies)
        speed = record.speed.map { Int64($0) }
        banned = record.isBanned
        bannedAt = record.bannedAt
        banReason = record.banReason
    }
}
