public import Contracts
public import Foundation

extension SlskdClient {
    /// Starts a search. One at a time is sent to slskd. After ``SlskdError/Meaning/busy`` further ones wait.
    ///
    /// slskd also stores a search when this throws `notLoggedIn`, `unavailable` or `timedOut`. Delete it.
    /// - Throws: ``SlskdError``: `busy`, `notLoggedIn`, `invalid` for words that slskd does not accept …
    public func startSearch(_ request: SlskdSearchRequest) async throws {
        let call = try SlskdCall(.post, ["searches"]).with(request)
        _ = try await searching.pass { try await send(call) }
    }

    /// Returns a search; `nil` when slskd does not have it.
    public func search(_ id: UUID) async throws -> SlskdSearch? {
        let response = try await send(SlskdCall(.get, ["searches", id.lowercased]), expecting: [404])
        return response.status == 404 ? nil : try decode(response)
    }

    /// Returns the responses of the peers; none before the search is stored (``SlskdSearch/isStored``).
    public func responses(_ id: UUID) async throws -> [SlskdSearchResponse] {
        let response = try await send(SlskdCall(.get, ["searches", id.lowercased, "responses"]), expecting: [404])
        return response.status == 404 ? [] : try decode(response, as: LenientList<SlskdSearchResponse>.self).elements
    }

    /// Ends a search early; its responses are stored. A search that has ended or does not exist is not changed.
    public func stopSearch(_ id: UUID) async throws {
        _ = try await send(SlskdCall(.put, ["searches", id.lowercased]), expecting: [304, 404])
    }

    /// Deletes a search; a running one must be stopped before. A missing search is not an error.
    public func deleteSearch(_ id: UUID) async throws {
        _ = try await send(SlskdCall(.delete, ["searches", id.lowercased]), expecting: [404])
    }

    /// Returns all searches that slskd stores, including those of other clients.
    public func searches() async throws -> [SlskdSearch] {
        try decode(try await send(SlskdCall(.get, ["searches"])), as: LenientList<SlskdSearch>.self).elements
    }
}

extension UUID {
    /// The form that slskd uses.
    var lowercased: String { uuidString.lowercased() }
}
