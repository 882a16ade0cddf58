public import Contracts
public import Foundation

extension SlskdClient {
    /// Begins a search. One at a time is on its way to slskd; after ``SlskdError/Meaning/busy`` the next one waits.
    ///
    /// A record is left also when this throws `notLoggedIn`, `unavailable` or `timedOut`: delete it.
    /// - Throws: ``SlskdError``: `busy`, `notLoggedIn`, `invalid` for words that slskd does not look for …
    public func startSearch(_ request: SlskdSearchRequest) async throws {
        let call = try SlskdCall(.post, ["searches"]).with(request)
        _ = try await searching.pass { try await send(call) }
    }

    /// - Returns: `nil` for a search that slskd does not know.
    public func search(_ id: UUID) async throws -> SlskdSearch? {
        let response = try await send(SlskdCall(.get, ["searches", id.lowercased]), expecting: [404])
        return response.status == 404 ? nil : try decode(response)
    }

    /// The answers of the peers: none before the search is stored (``SlskdSearch/isStored``).
    public func responses(_ id: UUID) async throws -> [SlskdSearchResponse] {
        let response = try await send(SlskdCall(.get, ["searches", id.lowercased, "responses"]), expecting: [404])
        return response.status == 404 ? [] : try decode(response, as: LenientList<SlskdSearchResponse>.self).elements
    }

    /// Ends a search early; its responses are stored. One that has ended or is not known stays as it is.
    public func stopSearch(_ id: UUID) async throws {
        _ = try await send(SlskdCall(.put, ["searches", id.lowercased]), expecting: [304, 404])
    }

    /// Deletes a search; stop one that runs before. One that is not known is as good as deleted.
    public func deleteSearch(_ id: UUID) async throws {
        _ = try await send(SlskdCall(.delete, ["searches", id.lowercased]), expecting: [404])
    }

    /// All searches that slskd remembers, also those of others.
    public func searches() async throws -> [SlskdSearch] {
        try decode(try await send(SlskdCall(.get, ["searches"])), as: LenientList<SlskdSearch>.self).elements
    }
}

extension UUID {
    /// As slskd writes it.
    var lowercased: String { uuidString.lowercased() }
}
