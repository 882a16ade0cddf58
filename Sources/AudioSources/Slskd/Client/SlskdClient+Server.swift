import Foundation

extension SlskdClient {
    /// How slskd stands with the Soulseek network.
    public func serverState() async throws -> SlskdServerState {
        try decode(try await send(SlskdCall(.get, ["server"])))
    }

    /// The version; remembers what it means for later requests.
    /// - Returns: `nil` for one that cannot be read.
    public func version() async throws -> SlskdVersion? {
        let response = try await send(SlskdCall(.get, ["application", "version"]))
        // JSON by default; plain text when a proxy or a client asked for it.
        let text = (try? SlskdJSON.decoder.decode(String.self, from: response.body)) ?? ""
        let version = SlskdVersion(text)
        knowsBatches.withLock { $0 = version.map { $0 >= .batches } }
        return version
    }

    public func application() async throws -> SlskdApplication {
        try decode(try await send(SlskdCall(.get, ["application"])))
    }
}
