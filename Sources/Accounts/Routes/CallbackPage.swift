import HTTPTypes
import Hummingbird
import NIOCore

/// A page for the user's browser. It contains only texts of the program, and nothing of the request.
struct CallbackPage: Sendable {
    private let status: HTTPResponse.Status
    private let title: String
    private let text: String
    private let code: String?

    init(_ status: HTTPResponse.Status, title: String, text: String, code: String? = nil) {
        self.status = status
        self.title = title
        self.text = text
        self.code = code
    }

    var response: Response {
        Response(status: status, headers: Self.headers, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    private var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><title>\(Self.escaped(title))</title></head>
        <body>
        <h1>\(Self.escaped(title))</h1>
        <p>\(Self.escaped(text))</p>
        \(code.map { "<p><code>\(Self.escaped($0))</code></p>" } ?? "")
        </body>
        </html>

        """
    }

    /// The page loads nothing and is not cached. It sends no referrer, because its address contains the code.
    private static let headers: HTTPFields = {
        var fields: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
            .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
            .xContentTypeOptions: "nosniff",
        ]
        if let name = HTTPField.Name("Referrer-Policy") { fields[name] = "no-referrer" }
        return fields
    }()

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
