import Contracts
import Files
import Foundation
import HTTPClient
public import ServiceKit

/// A client for the planner's routes that hand out tokens and secrets.
public struct AccountsChannel: Sendable {
    private let url: String
    private let keys: SecretKeySource
    private let serviceKey: ServiceKey
    private let client: HTTPClient
    private let clock: @Sendable () -> Timestamp

    /// Longer than the planner can need to renew a token.
    private static let timeout = Duration.seconds(75)

    /// - Parameters:
    ///   - url: The planner's address, without a slash at its end.
    ///   - keys: The planner must use the same ones.
    init(
        url: String, keys: SecretKeySource, serviceKey: ServiceKey, client: HTTPClient,
        clock: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.url = url
        self.keys = keys
        self.serviceKey = serviceKey
        self.client = client
        self.clock = clock
    }

    /// Reads `HDM_PLANNER_URL`, default `http://127.0.0.1:9106`, the source of the secrets' key and the service key.
    /// - Throws: `SettingsError`.
    public init(_ runtime: ServiceRuntime) async throws {
        try self.init(
            runtime.raw, stateDir: runtime.settings.stateDir, serviceKey: try await ServiceKey.load(runtime))
    }

    init(
        _ raw: Settings, stateDir: URL, serviceKey: ServiceKey, clock: @escaping @Sendable () -> Timestamp = { .now }
    ) throws {
        let url = raw.text("HDM_PLANNER_URL", default: "http://127.0.0.1:9106")
        guard WebAddress.isBase(url) else {
            throw SettingsError("HDM_PLANNER_URL", "must be an absolute http or https address")
        }
        self.init(
            url: WebAddress.base(url),
            keys: try SecretKeySource(text: raw.text, stateDir: stateDir, problem: SettingsError.init),
            serviceKey: serviceKey,
            client: HTTPClient(userAgent: "harmony-download-manager", maxConcurrentTransfers: 4), clock: clock)
    }

    /// Sends a request and returns the opened reply.
    /// - Throws: ``ChannelError``.
    func request<Reply: Decodable>(_ path: String, _ body: some Encodable) async throws(ChannelError) -> Reply {
        // A second attempt, because a rotation may change the key between the two services' reads.
        if let reply: Reply = try await attempt(path, body) { return reply }
        if let reply: Reply = try await attempt(path, body) { return reply }
        throw .refused
    }

    /// - Returns: `nil` when the planner does not accept the signature.
    private func attempt<Reply: Decodable>(
        _ path: String, _ body: some Encodable
    ) async throws(ChannelError) -> Reply? {
        let key = try await key()
        guard let body = try? ContractCoding.encode(body) else { throw .unusable("the request cannot be encoded") }
        let seal = ChannelSeal(path, body, key: key, now: clock())
        let response = try await send(path, body, seal)
        if response.status == 401 { return nil }
        guard response.isSuccess else { throw .unusable("the HTTP status is \(response.status)") }
        guard let reply = try? ContractCoding.decode(SealedReply.self, from: response.body),
            let text = try? seal.opened(reply.sealed, key: key),
            let value = try? ContractCoding.decode(Reply.self, from: text)
        else { throw .unusable("its reply does not open") }
        return value
    }

    private func send(_ path: String, _ body: Data, _ seal: ChannelSeal) async throws(ChannelError) -> HTTPResponse {
        var request = HTTPRequest(
            .post, url + path, headers: ["Content-Type": "application/json"], body: body, timeout: Self.timeout,
            maxBodyBytes: 64 << 10)
        request.headers[ServiceKey.header] = serviceKey.value
        for header in seal.headers { request.headers[header.name] = header.value }
        do throws(HTTPClientError) {
            return try await client.send(request)
        } catch {
            throw .unreachable("\(error)")
        }
    }

    private func key() async throws(ChannelError) -> SecretKey {
        do {
            return try await BlockingPool.smallFiles.run(within: .seconds(10)) { [keys] in try keys.keys().current }
        } catch {
            throw .noKey("\(error)")
        }
    }
}

/// The reason why the planner handed out nothing.
enum ChannelError: Error, Sendable, Equatable, CustomStringConvertible {
    case noKey(String)
    case refused
    case unreachable(String)
    case unusable(String)

    var description: String {
        switch self {
        case .noKey(let reason):
            "the secrets' key \(reason); the planner creates it in HDM_STATE_DIR: both services need the same folder, "
                + "or HDM_SECRETS_KEY"
        case .refused:
            "the planner has another secrets' key or service key, or its clock differs by minutes: give all services "
                + "the same HDM_STATE_DIR, or HDM_SECRETS_KEY and HDM_SERVICE_KEY"
        case .unreachable(let reason): "the planner does not respond: \(reason); start it or set HDM_PLANNER_URL"
        case .unusable(let reason): "the planner's response is unusable: \(reason); check HDM_PLANNER_URL"
        }
    }
}
