import Catalogues
import Contracts

/// What one step of a backfill read.
struct BackfillPage: Sendable {
    /// A file of the library, with what was found.
    struct File: Sendable {
        var file: LibraryFile
        /// Whether the catalogue was asked.
        var wasAsked = false
        var wasFound = false
    }

    /// A job that had found nothing, with what was found.
    struct UnmatchedJob: Sendable {
        var job: JobDocument
        var number: Int64
        /// `nil` when the catalogue does not contain the track.
        var metadata: MetadataSection?
    }

    enum Content: Sendable {
        case files([File], isLastPage: Bool)
        /// - Parameter next: the number after which the next page begins; `nil` at the end.
        case jobs([UnmatchedJob], next: Int64?)
        /// The tracks of an album of the library; none when the catalogue removed it.
        case album([CatalogueTrack], number: Int64)
        /// The phase is complete.
        case nothing
    }

    var content: Content
}
