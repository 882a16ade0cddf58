import Contracts
public import Foundation

extension SlskdClient {
    /// All downloads in one request, also those of others.
    public func downloads(includingRemoved: Bool = false) async throws -> [SlskdTransfer] {
        let call = SlskdCall(.get, ["transfers", "downloads"], query: includingRemoved ? "includeRemoved=true" : "")
        let users = try decode(try await send(call), as: LenientList<SlskdUserTransfers>.self).elements
        return users.flatMap(\.transfers)
    }

    /// The downloads from one peer.
    public func downloads(from username: String) async throws -> [SlskdTransfer] {
        let response = try await send(SlskdCall(.get, ["transfers", "downloads", username]), expecting: [404])
        return response.status == 404 ? [] : try decode(response, as: SlskdUserTransfers.self).transfers
    }

    /// One download, also a removed one; `nil` when slskd does not know it (any more).
    public func download(_ id: UUID, from username: String) async throws -> SlskdTransfer? {
        let call = SlskdCall(.get, ["transfers", "downloads", username, id.lowercased])
        let response = try await send(call, expecting: [404])
        return response.status == 404 ? nil : try decode(response)
    }

    /// The place in the peer's queue, which the peer is asked for; it may be nonsense.
    /// - Throws: ``SlskdError`` `peerFailed` and the like when there is none.
    public func position(of id: UUID, from username: String) async throws -> Int? {
        let call = SlskdCall(.get, ["transfers", "downloads", username, id.lowercased, "position"]).about(.peer)
        let response = try await send(call, expecting: [404])
        return response.status == 404 ? nil : try decode(response)
    }

    /// Cancels a download and stops slskd's own further attempts at it; it ends a moment later. One that has ended or is
    /// not known stays as it is. What was received stays in slskd's incomplete folder.
    public func cancel(_ id: UUID, from username: String) async throws {
        _ = try await send(SlskdCall(.delete, ["transfers", "downloads", username, id.lowercased]), expecting: [404])
    }

    /// Cancels a download where it runs and takes it from slskd's lists.
    ///
    /// slskd hides only what has ended, so this asks again until it has.
    /// - Returns: whether it is gone from the lists; `false` when it did not end in a few seconds.
    public func remove(_ id: UUID, from username: String) async throws -> Bool {
        let call = SlskdCall(
            .delete, ["transfers", "downloads", username, id.lowercased], query: "remove=true")
        var pause = Duration.milliseconds(100)
        for _ in 0..<6 {
            _ = try await send(call, expecting: [404])
            guard let left = try await download(id, from: username), !left.isRemoved else { return true }
            try await Task.sleep(for: pause)
            pause *= 2
        }
        return false
    }
}
