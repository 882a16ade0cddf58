import Contracts
public import Foundation

extension SlskdClient {
    /// Returns the events after an event, the oldest first.
    ///
    /// - Parameter id: The last known event; `nil` for the newest hundred. When slskd no longer has it, all stored events
    ///   are returned, up to a few thousand.
    public func events(since id: UUID?) async throws -> [SlskdEvent] {
        var events: [SlskdEvent] = []
        var seen: Set<UUID> = []
        for page in 0..<Self.maximumPages {
            let call = SlskdCall(.get, ["events"], query: "offset=\(page * Self.pageSize)&limit=\(Self.pageSize)")
            let newest = try decode(try await send(call), as: LenientList<SlskdEvent>.self).elements
            let end = newest.firstIndex { $0.id == id }
            // New events shift the pages, so events can appear twice.
            events += newest.prefix(upTo: end ?? newest.endIndex).filter { seen.insert($0.id).inserted }
            if id == nil || end != nil || newest.isEmpty { break }
        }
        return events.reversed()
    }

    private static let pageSize = 100
    private static let maximumPages = 50
}
