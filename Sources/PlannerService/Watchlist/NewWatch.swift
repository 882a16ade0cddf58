import Contracts
import Foundation

/// A request to watch an artist or a playlist.
struct NewWatch: Sendable {
    let link: CatalogueLink
    let terms: WatchTerms

    private static let members: Set<String> = [
        "artist_key", "link", "priority", "interval_seconds", "cooldown_seconds", "budget", "since", "backlog",
        "requested_by",
    ]

    /// Reads `{ "artist_key": "spotify:…" }`, or `link`, with the settings that differ from the defaults.
    /// - Throws: ``ContractViolation``.
    init(_ body: Data, _ defaults: WatchDefaults, at now: Timestamp) throws(ContractViolation) {
        let members = try RequestMembers(body, allowed: Self.members)
        link = try Self.link(members)
        let since = try members.day("since")
        if since != nil, link.kind != .artist {
            throw ContractViolation(path: "/since", problem: "applies to artists only; for a playlist set backlog")
        }
        var terms = WatchTerms()
        terms.interval = defaults.interval
        terms.cooldown = defaults.cooldown
        terms.budget = defaults.budget
        terms.since = since ?? String("\(now)".prefix(10))
        terms.backlog = try members.flag("backlog") ?? false
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
            throw ContractViolation(path: path, problem: "cannot be watched: \(error)")
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

    /// Applies the settings of a request.
    mutating func change(_ members: RequestMembers) throws(ContractViolation) {
        priority = try members.whole("priority", in: 0...9) ?? priority
        interval = try members.whole("interval_seconds", in: WatchDefaults.intervals) ?? interval
        cooldown = try members.whole("cooldown_seconds", in: WatchDefaults.cooldowns) ?? cooldown
        budget = try members.whole("budget", in: WatchDefaults.budgets) ?? budget
        requestedBy = try members.text("requested_by") ?? requestedBy
    }
}

/// The key of a watched artist or playlist in paths and responses: `<catalogue>:<id>` for an artist, else the link.
enum WatchKey {
    static func of(_ link: CatalogueLink) -> String {
        link.kind == .artist ? "\(link.catalogue.rawValue):\(link.id)" : link.description
    }

    /// Returns the link of a key or of a link in any form.
    static func link(_ text: String) throws(CatalogueLinkError) -> CatalogueLink {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2, parts[1] != "saved", let catalogue = CatalogueLink.Catalogue(rawValue: String(parts[0])) {
            return try CatalogueLink("\(catalogue.rawValue):artist:\(parts[1])")
        }
        return try CatalogueLink(text)
    }
}
