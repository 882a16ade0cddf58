public import Contracts
public import Foundation
public import HTTPClient
import NIOPosix

/// Asks the gateway for what is secret.
public struct GatewayChannel: Sendable {
    private let url: String
    private let keys: SecretKeySource
    private let client: HTTPClient
    private let clock: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - url: the gateway's address, without a slash at its end.
    ///   - keys: the same as the gateway's.
    public init(
        url: String, keys: SecretKeySource, client: HTTPClient, clock: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.clock = clock
        self.url = url
        self.keys = keys
        self.client = client
    }

    /// Reads `HDM_GATEWAY_URL`, default `http://127.0.0.1:<APP_PORT>`, and where the secrets' key is.
    ///
    /// - Parameters:
    ///   - text: a setting as it stands.
    ///   - problem: makes the error for a setting and what is wrong with it.
    /// - Throws: `problem`.
    public init(
        text: (String) -> String?, stateDir: URL, problem: (String, String) -> any Error,
        clock: @escaping @Sendable () -> Timestamp = { .now }
    ) throws {
        let url = text("HDM_GATEWAY_URL") ?? "http://127.0.0.1:\(text("APP_PORT") ?? "8080")"
        guard WebAddress.isBase(url) else {
            throw problem("HDM_GATEWAY_URL", "must be an absolute http or https address")
        }
        self.init(
            url: WebAddress.base(url),
            keys: try SecretKeySource(text: text, stateDir: stateDir, problem: problem),
            client: HTTPClient(userAgent: "harmony-download-manager", maxConcurrentTransfers: 4), clock: clock)
    }

    /// Longer than the gateway may need to renew a token.
    private static let timeout = Duration.seconds(75)

    /// - Throws: ``ChannelError``.
    func ask<Reply: Decodable>(_ path: String, _ question: some Encodable) async throws(ChannelError) -> Reply {
        // Twice, as the key may have been changed between the gateway's look at it and ours.
        if let reply: Reply = try await attempt(path, question) { return reply }
        if let reply: Reply = try await attempt(path, question) { return reply }
        throw .refused
    }

    /// - Returns: `nil` when the gateway does not accept the seal.
    private func attempt<Reply: Decodable>(
        _ path: String, _ question: some Encodable
    ) async throws(ChannelError) -> Reply? {
        let key = try await key()
        guard let body = try? ContractCoding.encode(question) else { throw .unusable("the question has no text") }
        let seal = ChannelSeal(path, body, key: key, now: clock())
        let answer = try await send(path, body, seal)
        if answer.status == 401 { return nil }
        guard answer.isSuccess else { throw .unusable("it answered with HTTP status \(answer.status)") }
        guard let reply = try? ContractCoding.decode(SealedReply.self, from: answer.body),
            let text = try? seal.opened(reply.sealed, key: key),
            let value = try? ContractCoding.decode(Reply.self, from: text)
        else { throw .unusable("its answer cannot be opened") }
        return value
    }

    private func send(_ path: String, _ body: Data, _ seal: ChannelSeal) async throws(ChannelError) -> HTTPResponse {
        var request = HTTPRequest(
            .post, url + path, headers: ["Content-Type": "application/json"], body: body, timeout: Self.timeout,
            maxBodyBytes: 64 << 10)
        for header in seal.headers { request.headers[header.name] = header.value }
        do throws(HTTPClientError) {
            return try await client.send(request)
        } catch {
            throw .unreachable("\(error)")
        }
    }

    private func key() async throws(ChannelError) -> SecretKey {
        do {
            return try await NIOThreadPool.singleton.runIfActive { [keys] in try keys.keys().current }
        } catch {
            throw .noKey("\(error)")
        }
    }
}

/// Why the gateway was of no help.
public enum ChannelError: Error, Sendable, Equatable, CustomStringConvertible {
    case noKey(String)
    case refused
    case unreachable(String)
    case unusable(String)

    public var description: String {
        switch self {
        case .noKey(let reason):
            "the secrets' key \(reason); it is the gateway's, in HDM_STATE_DIR: both need the same folder, or "
                + "HDM_SECRETS_KEY"
        case .refused:
            "the gateway has another secrets' key, or its clock differs by minutes: give all services the same "
                + "HDM_SECRETS_KEY or HDM_STATE_DIR"
        case .unreachable(let reason): "the gateway does not answer: \(reason); start it or set HDM_GATEWAY_URL"
        case .unusable(let reason): "the gateway was of no use: \(reason); is HDM_GATEWAY_URL right?"
        }
    }
}
