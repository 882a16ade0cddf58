import Contracts
import Foundation
import Metadata

/// What the watchlist does where nobody says otherwise.
struct WatchDefaults: Sendable, Equatable {
    /// `WATCHLIST_INTERVAL`, in seconds.
    var interval = 86_400
    /// `WATCHLIST_COOLDOWN_MINUTES`, in seconds.
    var cooldown = 900
    /// `HDM_WATCHLIST_BUDGET`.
    var budget = 100

    static let intervals = 300...31_536_000
    static let cooldowns = 0...86_400
    static let budgets = 1...10_000
}

/// An artist or a playlist that is to be watched from now on.
struct NewWatch: Sendable {
    let link: CatalogueLink
    let terms: WatchTerms

    private static let members: Set<String> = [
        "artist_key", "link", "priority", "interval_seconds", "cooldown_seconds", "budget", "since", "backlog",
        "requested_by",
    ]

    /// Reads `{ "artist_key": "spotify:…" }`, or `link`, with whatever else is to differ from the defaults.
    /// - Throws: ``ContractViolation``.
    init(_ body: Data, _ defaults: WatchDefaults, at now: Timestamp) throws(ContractViolation) {
        let members = try RequestMembers(body, allowed: Self.members)
        link = try Self.link(members)
        let since = try members.day("since")
        if since != nil, link.kind != .artist {
            throw ContractViolation(path: "/since", problem: "is for artists; for a playlist there is backlog")
        }
        var terms = WatchTerms(
            priority: JobKind.watchlist.defaultPriority, requestedBy: nil, interval: defaults.interval,
            cooldown: defaults.cooldown, budget: defaults.budget, since: since ?? String("\(now)".prefix(10)),
            backlog: try members.flag("backlog") ?? false)
        try terms.change(members)
        self.terms = terms
    }

    private static func link(_ members: RequestMembers) throws(ContractViolation) -> CatalogueLink {
        let key = try members.text("artist_key", longest: 2048)
        let address = try members.text("link", longest: 2048)
        guard let text = key ?? address else {
            throw ContractViolation(path: "/artist_key", problem: "is missing")
        }
        let path = key == nil ? "/link" : "/artist_key"
        let link: CatalogueLink
        do throws(CatalogueLinkError) {
            link = try WatchKey.link(text)
        } catch {
            throw ContractViolation(path: path, problem: "is nothing that can be watched: \(error)")
        }
        guard link.kind != .track, link.kind != .album else {
            throw ContractViolation(path: path, problem: "must be an artist, a playlist or the saved tracks")
        }
        return link
    }
}

extension WatchTerms {
    static let members: Set<String> = [
        "priority", "interval_seconds", "cooldown_seconds", "budget", "requested_by",
    ]

    /// Takes over what a request says.
    mutating func change(_ members: RequestMembers) throws(ContractViolation) {
        priority = try members.whole("priority", in: 0...9) ?? priority
        interval = try members.whole("interval_seconds", in: WatchDefaults.intervals) ?? interval
        cooldown = try members.whole("cooldown_seconds", in: WatchDefaults.cooldowns) ?? cooldown
        budget = try members.whole("budget", in: WatchDefaults.budgets) ?? budget
        requestedBy = try members.text("requested_by") ?? requestedBy
    }
}

/// The name of a watched artist or playlist in paths and answers: an artist is `<catalogue>:<id>`, as upstream has it;
/// anything else is its link.
enum WatchKey {
    static func of(_ link: CatalogueLink) -> String {
        link.kind == .artist ? "\(link.catalogue.rawValue):\(link.id)" : link.description
    }

    /// The link of a key, or of any form of a link.
    static func link(_ text: String) throws(CatalogueLinkError) -> CatalogueLink {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2, parts[1] != "saved", let catalogue = CatalogueLink.Catalogue(rawValue: String(parts[0])) {
            return try CatalogueLink("\(catalogue.rawValue):artist:\(parts[1])")
        }
        return try CatalogueLink(text)
    }
}
