import Contracts

/// Jobs that ended because nothing was found, and that have neither an ISRC nor a catalogue id.
protocol UnmatchedJobs: Sendable {
    /// Returns jobs by number.
    /// - Throws: ``ServiceRequestError``.
    func page(after number: Int64, limit: Int) async throws(ServiceRequestError) -> UnmatchedJobPage
}

/// A page of `GET /api/v1/internal/unmatched-jobs` of the gateway.
struct UnmatchedJobPage: Codable, Sendable {
    struct Item: Codable, Sendable {
        /// Grows in the order in which jobs were submitted.
        var number: Int64
        var job: JobDocument
    }

    var items: [Item]
    /// The number after which the next page begins; `nil` at the end.
    var next: Int64?
}

/// The jobs over HTTP.
struct UnmatchedJobsClient: UnmatchedJobs {
    let requests: ServiceRequests

    func page(after number: Int64, limit: Int) async throws(ServiceRequestError) -> UnmatchedJobPage {
        try await requests.get("/api/v1/internal/unmatched-jobs?after=\(number)&limit=\(limit)")
    }
}
