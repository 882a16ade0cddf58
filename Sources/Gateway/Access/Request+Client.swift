import Access
import HTTPTypes
import Hummingbird
import ServiceKit

extension Request {
    /// The key of the request: `X-API-Key`, else `Authorization: Bearer`.
    var apiKey: String? {
        if let key = header("X-API-Key") { return key }
        guard let parts = headers[.authorization]?.split(separator: " ", maxSplits: 1), parts.count == 2,
            parts[0].lowercased() == "bearer"
        else { return nil }
        let value = parts[1]
        return String(value.drop { $0 == " " }.prefix { $0 != " " })
    }

    /// The client that sent the request.
    var client: APIClient { APIClient(key: apiKey) }
}
