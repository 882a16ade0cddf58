import Contracts
public import Foundation

extension SlskdClient {
    /// What happened after an event, the oldest first.
    ///
    /// - Parameter id: The last event that is known; `nil` for the newest hundred. When slskd has forgotten it, what
    ///   comes back is all that slskd still has, up to a few thousand.
    public func events(since id: UUID?) async throws -> [SlskdEvent] {
        var events: [SlskdEvent] = []
        var seen: Set<UUID> = []
        for page in 0..<Self.mostPages {
            let call = SlskdCall(.get, ["events"], query: "offset=\(page * Self.pageSize)&limit=\(Self.pageSize)")
            let newest = try decode(try await send(call), as: LenientList<SlskdEvent>.self).elements
            let end = newest.firstIndex { $0.id == id }
            // What happens meanwhile moves the pages.
            events += newest.prefix(upTo: end ?? newest.endIndex).filter { seen.insert($0.id).inserted }
            if id == nil || end != nil || newest.isEmpty { break }
        }
        return events.reversed()
    }

    private static let pageSize = 100
    private static let mostPages = 50
}
