import Contracts
import Hummingbird
import Logging
import ServiceKit

/// The routes below `/api/v1/peers`: lists peers, and bans and unbans them.
struct PeerController: Sendable {
    static let path: RouterPath = "api/v1/peers"

    let store: PeerStore
    let logger: Logger

    private static let maximumBodyBytes = 1 << 16
    private static let maximumNameBytes = 256

    var endpoints: RouteCollection<BasicRequestContext> {
        RouteCollection(context: BasicRequestContext.self)
            .get { request, _ in try await list(request) }
            .post("ban") { request, _ in try await ban(request) }
            .post("unban") { request, _ in try await unban(request) }
    }

    private func list(_ request: Request) async throws -> JSONResponse<PeerPage> {
        let limit = try request.query("limit", default: 50, in: 1...500)
        let offset = try request.query("offset", default: 0, in: 0...1_000_000_000)
        let (peers, total) = try await useStore { try await $0.page(limit: limit, offset: offset) }
        return JSONResponse(PeerPage(items: peers.map(PeerItem.init), limit: limit, offset: offset, total: total))
    }

    private func ban(_ request: Request) async throws -> JSONResponse<PeerItem> {
        let body = try await body(request)
        let record = try await useStore { try await $0.ban(body.user, because: body.reason) }
        logger.log(event: .peerBanned, "banned a peer", metadata: ["user": .string(record.user)])
        return JSONResponse(PeerItem(record))
    }

    private func unban(_ request: Request) async throws -> JSONResponse<PeerItem> {
        let body = try await body(request)
        let record = try await useStore { try await $0.unban(body.user) }
        logger.log(event: .peerUnbanned, "lifted the ban of a peer", metadata: ["user": .string(record.user)])
        return JSONResponse(PeerItem(record))
    }

    private func body(_ request: Request) async throws -> PeerRequest {
        let body = try await request.decode(PeerRequest.self, upTo: Self.maximumBodyBytes)
        guard (1...Self.maximumNameBytes).contains(body.user.utf8.count) else {
            throw APIError(ContractViolation(path: "/user", problem: "must have 1 to \(Self.maximumNameBytes) bytes"))
        }
        return body
    }

    /// Runs a query.
    /// - Throws: `APIError` `.dependencyError` when the database fails.
    private func useStore<Value>(_ query: (PeerStore) async throws -> Value) async throws -> Value {
        do {
            return try await query(store)
        } catch {
            logger.log(
                event: .requestFailed, level: .error, "cannot use the peers' database",
                metadata: [LogKey.error: .string("\(error)".prefix(utf8: 512))])
            throw APIError(
                .dependencyError,
                "the download service cannot use its database of peers; check HDM_STATE_DIR and its /ready")
        }
    }
}

/// The body of a request to ban or unban a peer.
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

/// A peer in responses. Counts are today's weights, rounded to tenths.
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
