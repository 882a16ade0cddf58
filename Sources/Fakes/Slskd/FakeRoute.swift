/// The routes of the fake, for the injection of faults and the counting of requests.
public enum FakeRoute: String, Sendable, CaseIterable {
    case health = "GET /health"
    case application = "GET /application"
    case version = "GET /application/version"
    case server = "GET /server"
    case connect = "PUT /server"
    case disconnect = "DELETE /server"
    case session = "GET /session"
    case login = "POST /session"
    case startSearch = "POST /searches"
    case listSearches = "GET /searches"
    case search = "GET /searches/{id}"
    case responses = "GET /searches/{id}/responses"
    case stopSearch = "PUT /searches/{id}"
    case deleteSearch = "DELETE /searches/{id}"
    case enqueue = "POST /transfers/downloads/{username}"
    case enqueueBatch = "POST /transfers/downloads/batches"
    case batch = "GET /transfers/downloads/batches/{id}"
    case listTransfers = "GET /transfers/downloads"
    case userTransfers = "GET /transfers/downloads/{username}"
    case transfer = "GET /transfers/downloads/{username}/{id}"
    case position = "GET /transfers/downloads/{username}/{id}/position"
    case cancelTransfer = "DELETE /transfers/downloads/{username}/{id}"
    case clearTransfers = "DELETE /transfers/downloads/all/completed"
    case events = "GET /events"
    case raiseEvent = "POST /events/{type}"
    case downloads = "GET /files/downloads/directories"
    case downloadsFolder = "GET /files/downloads/directories/{path}"
    case userStatus = "GET /users/{username}/status"

    private var method: Substring { rawValue.prefix { $0 != " " } }
    private var template: [Substring] { rawValue.drop { $0 != "/" }.split(separator: "/") }
    private var isInBatches: Bool { self == .enqueueBatch || self == .batch }

    /// Returns the route of a request below `/api/v0`, with its raw parameters.
    /// - Throws: 404 or 405 if there is none.
    static func find(
        _ method: String, _ path: [Substring], hasBatches: Bool
    ) throws(FakeResponse) -> (FakeRoute, [Substring]) {
        let known = allCases.filter { $0 != .health && (hasBatches || !$0.isInBatches) && $0.fits(path) }
        guard !known.isEmpty else { throw .empty(404) }
        let wanted = known.filter { $0.method == method }.min { $0.parameterCount < $1.parameterCount }
        guard let wanted else { throw .empty(405) }
        let parameters = zip(wanted.template, path).filter { $0.0.hasPrefix("{") }.map(\.1)
        return (wanted, parameters)
    }

    private var parameterCount: Int { template.count { $0.hasPrefix("{") } }

    private func fits(_ path: [Substring]) -> Bool {
        template.count == path.count
            && zip(template, path).allSatisfy { $0.hasPrefix("{") || $0.lowercased() == $1.lowercased() }
    }
}
