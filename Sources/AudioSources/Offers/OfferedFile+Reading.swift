public import AudioFiles
public import Contracts
import Files
import Foundation

extension OfferedFile {
    /// Reads a file on the disk and creates the offer of it, with its size, audio properties and tags. Blocks.
    ///
    /// Content that is not audio is not an error: the offer then has no properties and is rejected later, with evidence.
    /// - Parameters:
    ///   - path: An absolute path.
    ///   - source: The name of the offering source.
    /// - Throws: ``SourceError`` when the file cannot be opened or read.
    public init(reading path: String, source: String) throws(SourceError) {
        do throws(FileError) {
            guard let status = try FileStatus.read(path) else { throw FileError("open", path, number: ENOENT) }
            self.init(source: source, path: path, size: status.size)
        } catch {
            throw SourceError(error)
        }
        do throws(AudioFileError) {
            let file = try AudioFile.read(at: path)
            describe(file.properties, file.tags)
        } catch {
            guard error.isAboutContent else { throw SourceError(.unreadable, error.message) }
        }
    }

    /// Adds the audio properties and tags of a file.
    public mutating func describe(_ properties: AudioProperties, _ tags: AudioTags) {
        durationMS = properties.durationMS
        bitrateKbps = properties.bitrateKbps
        bitDepth = properties.bitDepth
        sampleRate = properties.sampleRate
        var offered = OfferedTags()
        offered.title = tags.title
        offered.artist = tags.artist
        offered.album = tags.album
        offered.albumArtist = tags.albumArtist
        offered.trackNumber = tags.trackNumber
        offered.discNumber = tags.discNumber
        offered.date = tags.date
        offered.isrc = tags.isrc
        self.tags = offered == OfferedTags() ? nil : offered
    }
}

extension AudioFileError {
    /// Whether the file was read but its content is not audio that HDM can use.
    var isAboutContent: Bool { [.unrecognised, .unsupportedFormat, .damaged].contains(code) }
}
