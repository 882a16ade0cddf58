import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceKit

/// `/api/v1/peers`: what is known of peers, and banning them.
struct PeerRoutes: Sendable {
    let book: PeerBook
    let logger: Logger

    private static let largestBody = 1 << 16
    private static let longestName = 256

    func add<Context: RequestContext>(to router: Router<Context>) {
        let group = router.group("api/v1/peers")
        group.get { request, _ in try await self.list(request) }
        group.post("ban") { request, _ in try await self.ban(request) }
        group.post("unban") { request, _ in try await self.unban(request) }
    }

    private func list(_ request: Request) async throws -> JSONAnswer<PeerPage> {
        let limit = try number("limit", default: 50, in: 1...500, request)
        let offset = try number("offset", default: 0, in: 0...1_000_000_000, request)
        return try await answer {
            let (peers, total) = try await book.page(limit: limit, offset: offset)
            return PeerPage(items: peers.map(PeerItem.init), limit: limit, offset: offset, total: total)
        }
    }

    private func ban(_ request: Request) async throws -> JSONAnswer<PeerItem> {
        let body = try await body(request)
        let record = try await answer { try await book.ban(body.user, because: body.reason) }
        logger.log(event: .peerBanned, "a peer was banned", metadata: ["user": .string(record.user)])
        return JSONAnswer(PeerItem(record))
    }

    private func unban(_ request: Request) async throws -> JSONAnswer<PeerItem> {
        let body = try await body(request)
        let record = try await answer { try await book.unban(body.user) }
        logger.log(event: .peerUnbanned, "a ban was lifted", metadata: ["user": .string(record.user)])
        return JSONAnswer(PeerItem(record))
    }

    private func body(_ request: Request) async throws -> PeerRequest {
        let buffer = try await request.body.collect(upTo: Self.largestBody)
        let body: PeerRequest
        do throws(ContractViolation) {
            body = try ContractCoding.decode(PeerRequest.self, from: Data(buffer.readableBytesView))
        } catch {
            throw APIError(error)
        }
        guard (1...Self.longestName).contains(body.user.utf8.count) else {
            throw APIError(ContractViolation(path: "/user", problem: "must have 1 to \(Self.longestName) bytes"))
        }
        return body
    }

    private func number(
        _ name: String, default value: Int, in range: ClosedRange<Int>, _ request: Request
    ) throws(APIError) -> Int {
        guard let text = request.uri.queryParameters[name[...]] else { return value }
        guard let number = Int(text), range.contains(number) else {
            let problem = "must be a whole number from \(range.lowerBound) to \(range.upperBound)"
            throw APIError(ContractViolation(path: "?\(name)", problem: problem))
        }
        return number
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

    private func answer(_ body: () async throws -> PeerPage) async throws -> JSONAnswer<PeerPage> {
        let page: PeerPage = try await answer(body)
        return JSONAnswer(page)
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
